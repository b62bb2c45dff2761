#include <vector>
#include <cstring>
int main() { std::vector<char> v(4); char* end = v.data(); char out[32]; v.reserve(32); memcpy(out, v.data() + 8, 32); return out[0] + *end; }
