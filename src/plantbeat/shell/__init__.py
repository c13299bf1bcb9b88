"""Settings, addresses, servers, command line and the demo plant."""
