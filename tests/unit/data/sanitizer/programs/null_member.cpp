struct Box { int v; int get() { return v; } };
int main() { Box* box = nullptr; return box->get(); }
