#include <cstdlib>
void release(void* memory) { free(memory); }
int main() { void* memory = malloc(8); release(memory); release(memory); }
