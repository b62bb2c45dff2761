#include <cstdlib>
int read_past_end(const int* values, int count) { return values[count]; }
int main() { int* values = new int[4]{}; int got = read_past_end(values, 4); delete[] values; return got; }
