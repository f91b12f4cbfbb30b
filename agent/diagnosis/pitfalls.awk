# Turns the .pit files named on the command line into C: one string a file.
BEGIN {
	print "#include \"agent/diagnosis/catalogue.h\""
	n = 0
}
FNR == 1 {
	if (n > 0)
		print ";"
	n++
	name[n] = FILENAME
	sub(/.*\//, "", name[n])
	printf "static const char text%d[] =\n", n
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\"%s\\n\"\n", $0
}
END {
	if (n > 0)
		print ";"
	print "const struct pit_file pit_files[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{ \"%s\", text%d, sizeof(text%d) - 1 },\n",
		    name[i], i, i
	print "};"
	printf "const size_t pit_file_count = %d;\n", n
}
