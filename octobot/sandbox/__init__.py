"""A GitHub, upstreams and CI on loopback, on real git, for the demo, tests and rehearsals."""
