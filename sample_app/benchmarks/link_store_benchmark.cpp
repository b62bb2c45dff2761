// The store under one and two threads: readers share a lock, writers have it alone.

#include <benchmark/benchmark.h>

#include <string>
#include <variant>

#include "link_store.hpp"

namespace {

using namespace sample_app;

constexpr int links = 100'000;

const TargetUrl& target() {
  static const auto url = std::get<TargetUrl>(TargetUrl::parse("https://example.com/some/page"));
  return url;
}

std::string code_of(int number) {
  return "code" + std::to_string(number);
}

LinkStore& filled_store() {
  static LinkStore store(2 * links);
  static const bool filled = [] {
    for (int i = 0; i < links; ++i) store.create(target(), code_of(i));
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return store;
}

void find(benchmark::State& state) {
  const LinkStore& store = filled_store();
  int number = state.thread_index();
  for (auto _ : state) {
    if (!store.find(code_of(number))) return state.SkipWithError("a link is missing");
    number = (number + 7919) % links;
  }
}
BENCHMARK(find)->ThreadRange(1, 2)->UseRealTime();

/// Every thread follows the same link: the worst case for its counter.
void visit_one(benchmark::State& state) {
  LinkStore& store = filled_store();
  for (auto _ : state) {
    if (!store.visit("code1")) return state.SkipWithError("a link is missing");
  }
}
BENCHMARK(visit_one)->ThreadRange(1, 2)->UseRealTime();

void create_and_remove(benchmark::State& state) {
  LinkStore& store = filled_store();
  const std::string code = "own" + std::to_string(state.thread_index());
  for (auto _ : state) {
    const auto made = store.create(target(), code);
    if (!std::holds_alternative<Link>(made) || !store.remove(code)) {
      return state.SkipWithError("a link was not made or not removed");
    }
  }
}
BENCHMARK(create_and_remove)->ThreadRange(1, 2)->UseRealTime();

/// With the code made up: the price of the system's entropy.
void create_random(benchmark::State& state) {
  LinkStore store(1'000'000'000);
  for (auto _ : state) {
    if (!std::holds_alternative<Link>(store.create(target()))) {
      return state.SkipWithError("no link was made");
    }
  }
}
BENCHMARK(create_random)->Iterations(200'000);

}  // namespace
