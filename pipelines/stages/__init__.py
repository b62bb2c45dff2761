"""Turn plans into Dagger graphs, and what comes back into values of the domain."""
