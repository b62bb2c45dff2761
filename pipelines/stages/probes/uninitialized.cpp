// Known bad: branches on memory that nobody wrote. MemorySanitizer must stop it.
#include <cstdlib>
int main() {
  auto* value = static_cast<volatile int*>(std::malloc(sizeof(int)));
  if (*value == 42) return 3;
  std::free(const_cast<int*>(value));
  return 0;
}
