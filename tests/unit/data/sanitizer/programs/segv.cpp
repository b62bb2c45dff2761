int load(const int* where) { return *where; }
int main() { return load(reinterpret_cast<const int*>(0x10)); }
