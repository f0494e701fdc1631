// Empty: the go command accepts functions without a body only beside an assembly file.
