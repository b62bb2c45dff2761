#include <cstdlib>
#include <string>
struct Node { Node* next; };
Node* make_pair_of_nodes() { Node* first = new Node{nullptr}; first->next = new Node{nullptr}; return first; }
void lose_text() { auto* text = new std::string(100, 'x'); (void)text; }
int main() { volatile Node* node = make_pair_of_nodes(); node = nullptr; for (int i = 0; i < 3; ++i) lose_text(); return node != nullptr; }
