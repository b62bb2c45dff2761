int no_return(int a) { if (a > 5) return 1; }
int main(int argc, char**) { return no_return(argc); }
