#pragma once

#include <map>
#include <string>

/// Samples by name and labels as written, for example `up{job="a"}`.
using Samples = std::map<std::string, double>;

/// Reads Prometheus' text format 0.0.4, strictly: each line is a comment or a sample, each sample
/// belongs to a metric whose TYPE came before, labels are quoted, no sample comes twice, counters
/// end in _total, and buckets grow towards +Inf, which equals the count. Throws std::runtime_error
/// with the line that is wrong.
Samples parse_prometheus_text(const std::string& text);
