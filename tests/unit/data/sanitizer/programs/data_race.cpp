#include <thread>
int counter = 0;
void work() { for (int i = 0; i < 1000; ++i) ++counter; }
int main() { std::thread one(work); std::thread two(work); one.join(); two.join(); return counter == 0; }
