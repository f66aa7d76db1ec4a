/** A self-signed certificate for `localhost` and its key: for tests on loopback, it protects nothing. */
export const tlsCertificate = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUZ4DWqyK9LhJkq4WHvgyb/H2Xma0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjA1NDYwOVoYDzIxMjYxMDI5
MDU0NjA5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS1c7uNZkb7d4Zoby8UAks2/Wh6ESxu5+dQ45xiDtPuF20lWFTjQld+
+2uxA5oX6TL8v2d4qVidKnled5jVMLnGo2kwZzAdBgNVHQ4EFgQUNUr6c5aD3TJx
xZzAkgZ6Rep9vkcwHwYDVR0jBBgwFoAUNUr6c5aD3TJxxZzAkgZ6Rep9vkcwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAP9foazvSkKUHKaRvkVo7hXtoM8fJG+Lz+kwO0OLTpdMAiAZXbLVPRFx
+8qAMobYQnAJOPmyaDmMM5V+D/YzacAzgw==
-----END CERTIFICATE-----
`

export const tlsKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtfQIksbU2rGPfeom
/0k85h1pQx7n42X72ix7tvH+KmOhRANCAAS1c7uNZkb7d4Zoby8UAks2/Wh6ESxu
5+dQ45xiDtPuF20lWFTjQld++2uxA5oX6TL8v2d4qVidKnled5jVMLnG
-----END PRIVATE KEY-----
`
