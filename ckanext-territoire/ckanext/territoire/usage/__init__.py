"""How much the data is used: pages seen, files taken, calls of programs; nothing about people."""
