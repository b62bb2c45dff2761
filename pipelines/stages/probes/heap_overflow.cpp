// Known bad: reads one element behind a heap array. AddressSanitizer must stop it.
#include <cstdlib>
int main(int argc, char**) {
  auto* values = static_cast<int*>(std::calloc(4, sizeof(int)));
  const int stolen = values[3 + argc];
  std::free(values);
  return stolen == 0 ? 0 : 0;
}
