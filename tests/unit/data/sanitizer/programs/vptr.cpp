struct Base { virtual ~Base() {} int tag = 1; };
struct Other { virtual ~Other() {} int go() { return 2; } };
int call(Other* other) { return other->go(); }
int main() { return call(reinterpret_cast<Other*>(new Base)); }
