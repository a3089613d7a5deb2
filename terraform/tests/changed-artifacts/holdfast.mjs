// Stands for the program: no test of the configuration runs it.
