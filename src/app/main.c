/* SPDX-License-Identifier: Apache-2.0 */
#include "core/command.h"
#include "core/convert.h"

int main(int argc, char **argv)
{
    if (convert_child(argc, argv))
        return 0;
    return command_main(argc, argv);
}
