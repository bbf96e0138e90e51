/* SPDX-License-Identifier: Apache-2.0 */
/* pki.h: certificates and keys for tests, and for nothing else; made by make_pki.py. */
#ifndef LINNET_TESTS_PKI_H
#define LINNET_TESTS_PKI_H

static const char authority_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBRTCB7aADAgECAhRPu1j0Q6V7Oy5hJ6oJZQtod0uGlDAKBggqhkjOPQQDAjAZ\n"
    "MRcwFQYDVQQDDA5UZXN0IEF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw00OTEy\n"
    "MzEwMDAwMDBaMBkxFzAVBgNVBAMMDlRlc3QgQXV0aG9yaXR5MFkwEwYHKoZIzj0C\n"
    "AQYIKoZIzj0DAQcDQgAEmkQijUJBmZOGggSplegdcud0PdLSx6RVnzngB+WguXx+\n"
    "wW0jJUqhNmRqyJ9l6nScwtOnwmxNbjNUs/uu8P2S0qMTMBEwDwYDVR0TAQH/BAUw\n"
    "AwEB/zAKBggqhkjOPQQDAgNHADBEAiBzJ2ueSYEIU+nyNcQ7USwF+J2E2CD65v29\n"
    "Xv/uaWACmAIgMbR7WWDA3YwsF4XGAO51TI03pAuIZtyDqysy6fJdwl4=\n"
    "-----END CERTIFICATE-----\n";

static const char server_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBXTCCAQOgAwIBAgIUJKZZAZ4UPSKeM7EpzTp2RjAL664wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\n"
    "MjMxMDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAS9FV93LIhk8GsiGC1SfzCNBiPct2VG3JtJLgc1Ig1yV1MtlLaP6gXi\n"
    "Q1Mnj7fHMCCxbVRFSumRsYQO4iSNUmqDozEwLzAMBgNVHRMBAf8EAjAAMB8GA1Ud\n"
    "EQQYMBaCDnNlcnZlci5leGFtcGxlhwQKAAABMAoGCCqGSM49BAMCA0gAMEUCICAU\n"
    "YVSoBl7uz9UvajLyRH81CwG1a5F83Dq1rVmr0lK4AiEAokAi89wU9UwTHtPCO5Xx\n"
    "t2Xizs9/3Q1r7/7V1O5uniU=\n"
    "-----END CERTIFICATE-----\n";

static const char server_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgW1WYLk+vRRENhLmd\n"
    "2mKz9Iv29WzgQvgCCJW7sbH32K2hRANCAAS9FV93LIhk8GsiGC1SfzCNBiPct2VG\n"
    "3JtJLgc1Ig1yV1MtlLaP6gXiQ1Mnj7fHMCCxbVRFSumRsYQO4iSNUmqD\n"
    "-----END PRIVATE KEY-----\n";

static const char wrong_host_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBXzCCAQSgAwIBAgIUT5ewStv6BpXC2wRJrohCTkDTu08wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\n"
    "MjMxMDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAS27+xLSIXqeR0zH6YwWtxMOfnnOTuyrQsaIpQ+iESNXvKG1cCr/NhO\n"
    "1165u7Dp/9F1kQRjNSCD0ktb+DbYBh24ozIwMDAMBgNVHRMBAf8EAjAAMCAGA1Ud\n"
    "EQQZMBeCD2Fub3RoZXIuZXhhbXBsZYcECgkJCTAKBggqhkjOPQQDAgNJADBGAiEA\n"
    "qJpa0syn9aIya3qvhTHVFFiZ1CJjVJUcy/HYtAssZskCIQD3Kua9odUgBvYvZVT+\n"
    "Exitzo9d8Tq3GuUl1l7uXw7OxA==\n"
    "-----END CERTIFICATE-----\n";

static const char wrong_host_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6p5w5EnsMgYQ7nAQ\n"
    "v2f8rEAjuEuTDpBvHppmNhxaSeahRANCAAS27+xLSIXqeR0zH6YwWtxMOfnnOTuy\n"
    "rQsaIpQ+iESNXvKG1cCr/NhO1165u7Dp/9F1kQRjNSCD0ktb+DbYBh24\n"
    "-----END PRIVATE KEY-----\n";

static const char common_name_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBQjCB6qADAgECAhRCSaKEEusuVbSVH2+ve81Z2HJIuzAKBggqhkjOPQQDAjAZ\n"
    "MRcwFQYDVQQDDA5UZXN0IEF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw00OTEy\n"
    "MzEwMDAwMDBaMBkxFzAVBgNVBAMMDnNlcnZlci5leGFtcGxlMFkwEwYHKoZIzj0C\n"
    "AQYIKoZIzj0DAQcDQgAETvTyfzSMOIEE+Kuxl1FgJAEe5uXpvISUa+Qtl65D7nqR\n"
    "LGogQYRpCvA4QQRiCCpE5EvNa/aH2a2LHjupuPbiI6MQMA4wDAYDVR0TAQH/BAIw\n"
    "ADAKBggqhkjOPQQDAgNHADBEAiBZivVy6NJJToyLyIhfy/5740xdl4tyJT7n1kiB\n"
    "OiU15wIgfY8l7TAnOCh8xTv1Z4PTR9upCnpsLW5drUFeHr8fr5w=\n"
    "-----END CERTIFICATE-----\n";

static const char common_name_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdQ2xyAuQs5PL2b9I\n"
    "MRooA9gojc94+4XS17gN+cI8jSahRANCAARO9PJ/NIw4gQT4q7GXUWAkAR7m5em8\n"
    "hJRr5C2XrkPuepEsaiBBhGkK8DhBBGIIKkTkS81r9ofZrYseO6m49uIj\n"
    "-----END PRIVATE KEY-----\n";

static const char expired_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBXTCCAQOgAwIBAgIUco21kOkp1YG0oX79Gb8bhrX4G4UwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNMjEw\n"
    "MTAxMDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAARyf9FtrKaRZ6JfLITa893bOLXTaON9SVQI6m6njGp1Yo7TBWiBRpmY\n"
    "sGbrupite50wEb23+hDWEvpbfA1HHGHHozEwLzAMBgNVHRMBAf8EAjAAMB8GA1Ud\n"
    "EQQYMBaCDnNlcnZlci5leGFtcGxlhwQKAAABMAoGCCqGSM49BAMCA0gAMEUCIQCe\n"
    "kWqQBLjnKz5HHjolPCsWNmfPp7pKIB55Iz+tYLSclQIgZJinH6NmBBINO6kBLeQX\n"
    "jJdSoHru8hwj7yWci/rMPsw=\n"
    "-----END CERTIFICATE-----\n";

static const char expired_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsK1+6p7X1K/Hcp0T\n"
    "gJxQmKyhwj/HlKrOyKmNDlozZdqhRANCAARyf9FtrKaRZ6JfLITa893bOLXTaON9\n"
    "SVQI6m6njGp1Yo7TBWiBRpmYsGbrupite50wEb23+hDWEvpbfA1HHGHH\n"
    "-----END PRIVATE KEY-----\n";

static const char future_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBXTCCAQOgAwIBAgIUZL4CWBzABR/OXLugBjlRw++vm4owCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwHhcNNDAwMTAxMDAwMDAwWhcNNDkx\n"
    "MjMxMDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAQRMDlrBbzkXjbOMTOJEbXYYGGKsfPg1m+6fPMNikb0GkLbwClD36rF\n"
    "8KMAmb2jbi8425ugUf5AYYH1SlaOEu08ozEwLzAMBgNVHRMBAf8EAjAAMB8GA1Ud\n"
    "EQQYMBaCDnNlcnZlci5leGFtcGxlhwQKAAABMAoGCCqGSM49BAMCA0gAMEUCIQDp\n"
    "PERYcyQ5pcBu2h1Dt76K/3gbnQ7nYIylI/KYuEUrxQIgH76BRoXr0p0Tp89kY5FB\n"
    "rEZcb6zm6CtYRjpl+5Sbkiw=\n"
    "-----END CERTIFICATE-----\n";

static const char future_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgg93yx5TJsMD8PLou\n"
    "dtGtpCbOZbqyHBB++T+FOMZmQjGhRANCAAQRMDlrBbzkXjbOMTOJEbXYYGGKsfPg\n"
    "1m+6fPMNikb0GkLbwClD36rF8KMAmb2jbi8425ugUf5AYYH1SlaOEu08\n"
    "-----END PRIVATE KEY-----\n";

static const char self_signed_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBZjCCAQugAwIBAgIUA7Ma5Di47uq6p6aED2nITE4Hc98wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOc2VydmVyLmV4YW1wbGUwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\n"
    "MjMxMDAwMDAwWjAZMRcwFQYDVQQDDA5zZXJ2ZXIuZXhhbXBsZTBZMBMGByqGSM49\n"
    "AgEGCCqGSM49AwEHA0IABK/l2Ont+2HOi1Kj7t0rTzaKKwCPFLXZGNoFkz9S5nGI\n"
    "dlJYsljqQK7mEcroYOerLCuKxoST/jTwvcrqYFE+m9GjMTAvMAwGA1UdEwEB/wQC\n"
    "MAAwHwYDVR0RBBgwFoIOc2VydmVyLmV4YW1wbGWHBAoAAAEwCgYIKoZIzj0EAwID\n"
    "SQAwRgIhAOGoCx5SSpHUB/864F32LeDiZcD5Apir4lCr/WKJh0cjAiEA0SgNze3b\n"
    "19t386w1U4vssfP7w0yA0yHUOgMfEp/8joY=\n"
    "-----END CERTIFICATE-----\n";

static const char self_signed_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjOpGZyUldbAIvpXa\n"
    "fybC4/8/kstm8eSGg1kIS1i+qfWhRANCAASv5djp7fthzotSo+7dK082iisAjxS1\n"
    "2RjaBZM/UuZxiHZSWLJY6kCu5hHK6GDnqywrisaEk/408L3K6mBRPpvR\n"
    "-----END PRIVATE KEY-----\n";

static const char kitchen_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBPTCB46ADAgECAhQXIYbLKecc+XIGBaLn2rYfVL0NOTAKBggqhkjOPQQDAjAZ\n"
    "MRcwFQYDVQQDDA5UZXN0IEF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw00OTEy\n"
    "MzEwMDAwMDBaMBIxEDAOBgNVBAMMB2tpdGNoZW4wWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAQukDMpemTEZI7EMlFuZIBtf1pJsDylLRoxkMcQep+493pgmCErSK3V\n"
    "OkKPn/rMbP8j7c94XesJy0MqrfR9XGNToxAwDjAMBgNVHRMBAf8EAjAAMAoGCCqG\n"
    "SM49BAMCA0kAMEYCIQCJdcpco62Booc9ShAbiXYoSs9tmpnURgNR/nvwl8pYBQIh\n"
    "APHzlBzoHloazvbSNbJj+L8VN/FXti45iOpO/jqn2HWD\n"
    "-----END CERTIFICATE-----\n";

static const char kitchen_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvM3FayU7+s78kfTX\n"
    "aquqyziPJbEhvmpfulQ26JuN2xGhRANCAAQukDMpemTEZI7EMlFuZIBtf1pJsDyl\n"
    "LRoxkMcQep+493pgmCErSK3VOkKPn/rMbP8j7c94XesJy0MqrfR9XGNT\n"
    "-----END PRIVATE KEY-----\n";

static const char untrusted_kitchen_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBPjCB5KADAgECAhQwiuS9xKS73MOAmd7iq9pRKozgTjAKBggqhkjOPQQDAjAa\n"
    "MRgwFgYDVQQDDA9PdGhlciBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\n"
    "MjMxMDAwMDAwWjASMRAwDgYDVQQDDAdraXRjaGVuMFkwEwYHKoZIzj0CAQYIKoZI\n"
    "zj0DAQcDQgAEn8rHAbh/YsjhV9ktFv6luFBmUWUFBP+SsyMI94hx3kcN9d/SxIA7\n"
    "c3s2OiG+sv5PBCATISuXdrQX8EO6Dk89A6MQMA4wDAYDVR0TAQH/BAIwADAKBggq\n"
    "hkjOPQQDAgNJADBGAiEA6fV7r+8rsJ/+EUqS4lovOs7US8f8uoZb/1Ip084yWsEC\n"
    "IQCmpKZKZC7x/5hLF/CtHvIqMx/nW6EFGjgYJIlj1LnLWA==\n"
    "-----END CERTIFICATE-----\n";

static const char untrusted_kitchen_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVt5nx9Bp4scHSqhO\n"
    "VKI0c/JeYTP2R1zDifhCbduu3wmhRANCAASfyscBuH9iyOFX2S0W/qW4UGZRZQUE\n"
    "/5KzIwj3iHHeRw3139LEgDtzezY6Ib6y/k8EIBMhK5d2tBfwQ7oOTz0D\n"
    "-----END PRIVATE KEY-----\n";

static const char expired_kitchen_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBPDCB46ADAgECAhRm+5OFRoHV2WBn7erVUDTQFcD/GjAKBggqhkjOPQQDAjAZ\n"
    "MRcwFQYDVQQDDA5UZXN0IEF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw0yMTAx\n"
    "MDEwMDAwMDBaMBIxEDAOBgNVBAMMB2tpdGNoZW4wWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAQPHNtVkXS2g0ZSMRLh9a2EseJwX5pFEkYU42pf1yt3HhTuxuNi03Cs\n"
    "dyQjHoMhtESWSc+sNvTFlSjZIKgHOOUFoxAwDjAMBgNVHRMBAf8EAjAAMAoGCCqG\n"
    "SM49BAMCA0gAMEUCIAO3NFP2rjoBhxVTaCwbOt1Q5ceq2O+DeKCIfiVQ7UI5AiEA\n"
    "n/gPrNFwzPV1pOCJeJ5d+Of/rS7cPCAYTItwSlgZNp4=\n"
    "-----END CERTIFICATE-----\n";

static const char expired_kitchen_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglbIBzLkAZpsrV3bM\n"
    "1YqQgd1/5lDfIgzDzj044en6xxahRANCAAQPHNtVkXS2g0ZSMRLh9a2EseJwX5pF\n"
    "EkYU42pf1yt3HhTuxuNi03CsdyQjHoMhtESWSc+sNvTFlSjZIKgHOOUF\n"
    "-----END PRIVATE KEY-----\n";

static const char chained_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIKdTCCChugAwIBAgIUbLqHFsq2HgHqiniislGuftCS37MwCgYIKoZIzj0EAwIw\n"
    "ITEfMB0GA1UEAwwWSW50ZXJtZWRpYXRlIEF1dGhvcml0eTAeFw0yMDAxMDEwMDAw\n"
    "MDBaFw00OTEyMzEwMDAwMDBaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49\n"
    "AgEGCCqGSM49AwEHA0IABMILwCHHEEPYWBh6KRzhzyX45trCFPXTSQHil0oVcRNM\n"
    "nODnf63e1VfmJUPmRt5EXh9R/8W/DBqHfV95eaU4hcijggk/MIIJOzAMBgNVHRMB\n"
    "Af8EAjAAMIIJKQYDVR0RBIIJIDCCCRyCDnNlcnZlci5leGFtcGxlhwQKAAABgjdo\n"
    "b3N0LTAueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5l\n"
    "eGFtcGxlgjdob3N0LTEueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eC5leGFtcGxlgjdob3N0LTIueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjdob3N0LTMueHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjdob3N0LTQueHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjdob3N0\n"
    "LTUueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFt\n"
    "cGxlgjdob3N0LTYueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eC5leGFtcGxlgjdob3N0LTcueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eC5leGFtcGxlgjdob3N0LTgueHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjdob3N0LTkueHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjhob3N0LTEw\n"
    "Lnh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBs\n"
    "ZYI4aG9zdC0xMS54eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4LmV4YW1wbGWCOGhvc3QtMTIueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eC5leGFtcGxlgjhob3N0LTEzLnh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBsZYI4aG9zdC0xNC54eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4LmV4YW1wbGWCOGhvc3Qt\n"
    "MTUueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFt\n"
    "cGxlgjhob3N0LTE2Lnh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHguZXhhbXBsZYI4aG9zdC0xNy54eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4LmV4YW1wbGWCOGhvc3QtMTgueHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjhob3N0LTE5Lnh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBsZYI4aG9z\n"
    "dC0yMC54eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4LmV4\n"
    "YW1wbGWCOGhvc3QtMjEueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eC5leGFtcGxlgjhob3N0LTIyLnh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBsZYI4aG9zdC0yMy54eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4LmV4YW1wbGWCOGhvc3QtMjQueHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjho\n"
    "b3N0LTI1Lnh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgu\n"
    "ZXhhbXBsZYI4aG9zdC0yNi54eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4LmV4YW1wbGWCOGhvc3QtMjcueHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjhob3N0LTI4Lnh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBsZYI4aG9zdC0yOS54\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4LmV4YW1wbGWC\n"
    "OGhvc3QtMzAueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eC5leGFtcGxlgjhob3N0LTMxLnh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHguZXhhbXBsZYI4aG9zdC0zMi54eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4LmV4YW1wbGWCOGhvc3QtMzMueHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFtcGxlgjhob3N0LTM0\n"
    "Lnh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBs\n"
    "ZYI4aG9zdC0zNS54eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4LmV4YW1wbGWCOGhvc3QtMzYueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eC5leGFtcGxlgjhob3N0LTM3Lnh4eHh4eHh4eHh4eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHguZXhhbXBsZYI4aG9zdC0zOC54eHh4eHh4\n"
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4LmV4YW1wbGWCOGhvc3Qt\n"
    "MzkueHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eC5leGFt\n"
    "cGxlMAoGCCqGSM49BAMCA0gAMEUCIFTEZJ097s5+YDLK4z8ogXfva98ttCFRg/QK\n"
    "WxH7DOeuAiEAniUi4YEh5lBvciZIeMK07i4oRlk6LmWsbTZIxp4PE/0=\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBTTCB9aADAgECAhRWnlgO3FiRZOG0IVu8h9J2fPOtszAKBggqhkjOPQQDAjAZ\n"
    "MRcwFQYDVQQDDA5UZXN0IEF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw00OTEy\n"
    "MzEwMDAwMDBaMCExHzAdBgNVBAMMFkludGVybWVkaWF0ZSBBdXRob3JpdHkwWTAT\n"
    "BgcqhkjOPQIBBggqhkjOPQMBBwNCAAT8ADxv913YD2K2V9C41/GqjjniidL7R9H3\n"
    "E/FKT89QwQlrzsRnAqHEg2ZtG6s/XGbw8BmQDluchewBHcRqdeN5oxMwETAPBgNV\n"
    "HRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCICyg7p0DEY96AfAeQSJXCi7N\n"
    "PjacPmXMHPJ4Rg0x8vQrAiAOxLh7J0DKOcaXPwRzxCaZ+X4KBX/aAPvBVRcg7XoH\n"
    "wA==\n"
    "-----END CERTIFICATE-----\n";

static const char chained_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOUiO4h2/BRUI8xVP\n"
    "vd1UocWwY/6nWnIwb8bGT++AUyehRANCAATCC8AhxxBD2FgYeikc4c8l+ObawhT1\n"
    "00kB4pdKFXETTJzg53+t3tVX5iVD5kbeRF4fUf/Fvwwah31feXmlOIXI\n"
    "-----END PRIVATE KEY-----\n";

#endif
