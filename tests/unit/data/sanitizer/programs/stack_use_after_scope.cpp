int main() { volatile int* p; { int inner = 5; p = &inner; } return *p; }
