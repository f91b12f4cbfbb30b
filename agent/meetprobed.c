/* SPDX-License-Identifier: ISC */
/*
 * The agent. I/O.
 */
#include <stdio.h>

int
main(void)
{
	fputs("meetprobed: nothing yet\n", stderr);
	return (2);
}
