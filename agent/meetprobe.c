/* SPDX-License-Identifier: ISC */
/*
 * The command. I/O.
 */
#include <stdio.h>

int
main(void)
{
	fputs("meetprobe: no command yet\n", stderr);
	return (2);
}
