int forever(volatile int depth) { volatile int pad[64] = {depth}; return forever(depth + 1) + pad[0]; }
int main() { return forever(0); }
