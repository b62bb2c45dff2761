int pick(int index) { volatile int table[3] = {1, 2, 3}; return table[index]; }
int main(int argc, char**) { return pick(2 + argc); }
