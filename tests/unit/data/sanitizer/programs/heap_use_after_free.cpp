struct Session { int id; };
int use(Session* session) { return session->id; }
int main() { Session* session = new Session{7}; delete session; return use(session); }
