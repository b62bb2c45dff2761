int* leak_local() { int local[4] = {1}; int* volatile p = local; return p; }
int main() { return *leak_local(); }
