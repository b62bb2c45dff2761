// Known bad: forgets its only pointer to a heap block. LeakSanitizer must report it.
#include <cstdlib>
static void* volatile kept;
int main() {
  kept = std::malloc(256);
  kept = nullptr;
  return 0;
}
