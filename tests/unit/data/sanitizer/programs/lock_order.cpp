#include <mutex>
#include <thread>
std::mutex a, b;
void forwards() { std::scoped_lock x(a); std::lock_guard<std::mutex> y(b); }
void backwards() { std::lock_guard<std::mutex> x(b); std::lock_guard<std::mutex> y(a); }
int main() { std::thread one(forwards); one.join(); std::thread two(backwards); two.join(); }
