struct A { int x; ~A(){} }; struct B { int x[4]; ~B(){} };
int main() { B* b = new B; delete reinterpret_cast<A*>(b); }
