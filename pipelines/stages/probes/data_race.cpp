// Known bad: two threads write one variable without order. ThreadSanitizer must report it.
#include <thread>
static int shared_value = 0;
int main() {
  std::thread other([] { for (int i = 0; i < 1000; ++i) ++shared_value; });
  for (int i = 0; i < 1000; ++i) ++shared_value;
  other.join();
  return 0;
}
