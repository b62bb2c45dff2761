#include <climits>
#include <cstdint>
#include <cstring>
#include <cstdio>
int add(int a, int b) { return a + b; }
int shift(int a, int b) { return a << b; }
int at(int i) { static int table[4] = {}; return table[i]; }
const int& bind(const int* p) { return *p; }
struct Box { int v; int get() { return v; } };
int negate(int a) { return -a; }
int to_int(double d) { return static_cast<int>(d); }
__attribute__((nonnull)) int needs(const char* p) { return p != nullptr; }
enum Color { red, green };
int main(int argc, char** argv) {
  volatile int sink = 0;
  sink = add(INT_MAX, argc);
  sink = shift(1, 31 + argc);
  sink = shift(argc, -1 * argc);
  sink = shift(INT_MAX, argc);
  sink = negate(INT_MIN + argc - 1);
  sink = at(3 + argc);
  alignas(8) char bytes[16] = {};
  sink = *reinterpret_cast<int*>(bytes + argc);
  sink = to_int(1e30 * argc);
  bool flag; std::memset(&flag, 2 + argc, 1); sink = flag;
  Color color; int seven = 6 + argc; std::memcpy(&color, &seven, sizeof color); sink = color;
  Box* box = argc > 5 ? new Box : nullptr;
  const int* null = argc > 5 ? &box->v : nullptr;
  const int& r = bind(null); (void)&r;
  sink = needs(argc > 5 ? "" : nullptr);
  int n = -argc; int vla[n < 0 ? 1 : n]; vla[0] = 1; sink = vla[0];
  char* p = reinterpret_cast<char*>(UINTPTR_MAX); p += argc; sink = p != nullptr;
  sink = __builtin_ctz(argc - 1);
  std::puts("still here");
  return sink == 123 && argv == nullptr;
}
