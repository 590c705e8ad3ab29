"""The territory: the EPCI, its member communes, its partners, and the public facts on them."""
