#include <cstring>
int main() { char b[16] = "0123456789"; volatile int n = 8; memcpy(b, b + 2, n); return b[0]; }
