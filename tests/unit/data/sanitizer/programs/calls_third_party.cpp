#include <algorithm>
#include <vector>
int third_party_read(const int* p, int i);
int main() { std::vector<int> v{1, 2, 3}; std::for_each(v.begin(), v.end(), [&](int x) { if (x == 3) third_party_read(v.data(), x); }); }
