#include <cstdlib>
int main() { int* value = new int(1); free(value); }
