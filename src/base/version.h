/* SPDX-License-Identifier: Apache-2.0 */
/* The program's version; meson.build says the same (a test compares). */
#pragma once

#define CAIRN_VERSION "0.1.0"
