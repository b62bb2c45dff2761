#include <cstdio>
int judge(const int* value) { if (*value > 3) return 1; return 2; }
int main() { int* value = new int; int got = judge(value); delete value; std::printf("%d\n", got); }
