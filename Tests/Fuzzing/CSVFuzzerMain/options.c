/// `main` is libFuzzer's. What the Swift runtime allocates once and keeps is no leak.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }
