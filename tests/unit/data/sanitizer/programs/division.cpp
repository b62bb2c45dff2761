int divide(int a, int b) { return a / b; }
int main(int argc, char**) { return divide(argc, argc - 1); }
