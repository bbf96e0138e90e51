/* SPDX-License-Identifier: Apache-2.0 */
/* raw_keys.h: key pairs that only tests have. */
#ifndef LINNET_TESTS_RAW_KEYS_H
#define LINNET_TESTS_RAW_KEYS_H

static const char server_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbRuZ2qEb5linfGpU\n"
    "27rOaE+S4qXbjrl0ZLasR4LM4o+hRANCAAQtIyw4JmJ91KT13lgpHNqsZBWzwCrs\n"
    "2j46q54R4naFScqPJWRz9soW31ZjvSI0V4h3C5CDFV5lsXNVdgZPGzfT\n"
    "-----END PRIVATE KEY-----\n";

static const char server_public_key[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELSMsOCZifdSk9d5YKRzarGQVs8Aq\n"
    "7No+OqueEeJ2hUnKjyVkc/bKFt9WY70iNFeIdwuQgxVeZbFzVXYGTxs30w==\n"
    "-----END PUBLIC KEY-----\n";

static const char kitchen_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghDpaEJniR4Th7i5i\n"
    "No04c5MJefEk7AhWfb7b5NQahxShRANCAAQy4WWzJv1yZQ6rf+0NvB4O4MTvC16j\n"
    "vgLVOYCb+uGdGbvkdSo+nqsmzprRxFop5B9sPt7j4IAE4s9i83HSXH10\n"
    "-----END PRIVATE KEY-----\n";

static const char kitchen_key_sec1[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIIQ6WhCZ4keE4e4uYjaNOHOTCXnxJOwIVn2+2+TUGocUoAoGCCqGSM49\n"
    "AwEHoUQDQgAEMuFlsyb9cmUOq3/tDbweDuDE7wteo74C1TmAm/rhnRm75HUqPp6r\n"
    "Js6a0cRaKeQfbD7e4+CABOLPYvNx0lx9dA==\n"
    "-----END EC PRIVATE KEY-----\n";

static const char kitchen_public_key[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMuFlsyb9cmUOq3/tDbweDuDE7wte\n"
    "o74C1TmAm/rhnRm75HUqPp6rJs6a0cRaKeQfbD7e4+CABOLPYvNx0lx9dA==\n"
    "-----END PUBLIC KEY-----\n";

static const char cellar_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgf36rxjkivKRCgQ/G\n"
    "4h0dhoztpLeyt5zstwYwtVl7Yn2hRANCAASxJBlvDKFOTZTga3jwszQr7bRUqjNf\n"
    "olJr4HGorDghFTKtMpJKibe3ZP6073dhThy0KtewfIk99tniG8pmlS9h\n"
    "-----END PRIVATE KEY-----\n";

static const char cellar_public_key[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsSQZbwyhTk2U4Gt48LM0K+20VKoz\n"
    "X6JSa+BxqKw4IRUyrTKSSom3t2T+tO93YU4ctCrXsHyJPfbZ4hvKZpUvYQ==\n"
    "-----END PUBLIC KEY-----\n";

static const char p384_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDK8GHjVJb5MjAyUAua\n"
    "5JemY0T0c7tZGJ7V3jSh3D/NzcPBt5ZzrXQi1KnAXFxhyN2hZANiAARt17vJY9+i\n"
    "1SES05wHsC0AP1eXVb78C2uIrBIqlPjEUGuvlu/0k2ZG42YBqxsmXciCv7W276U7\n"
    "25Q4kr18fQAxxRLImS/zGwxHg9+JLCRL4kd4nlE5chA4pcUcj3MuYFE=\n"
    "-----END PRIVATE KEY-----\n";

static const char p384_public_key[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEbde7yWPfotUhEtOcB7AtAD9Xl1W+/Atr\n"
    "iKwSKpT4xFBrr5bv9JNmRuNmAasbJl3Igr+1tu+lO9uUOJK9fH0AMcUSyJkv8xsM\n"
    "R4PfiSwkS+JHeJ5ROXIQOKXFHI9zLmBR\n"
    "-----END PUBLIC KEY-----\n";

#endif
