int third_party_read(const int* p, int i) { return p[i]; }
