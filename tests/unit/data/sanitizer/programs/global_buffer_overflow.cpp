int table[3] = {1, 2, 3};
int main(int argc, char**) { return table[2 + argc]; }
