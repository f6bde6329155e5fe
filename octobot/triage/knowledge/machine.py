"""The machine, not the package: memory, disk, time, network, the runner itself.

Network and runner trouble is what a second run may cure, so these entries are strict: a word like
`timeout` alone is not one.
"""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge.rule import Rule

_AGAIN = "Nothing in the spec is at fault; the same commit may well pass in another run."

RULES = (
    Rule(
        CauseClass.DISK_FULL,
        (r"No space left on device|\bENOSPC: no space|Disk quota exceeded|not enough free disk",),
        "The disk is full",
        "The build needs more space than its runner has.",
        14,
    ),
    Rule(
        CauseClass.OUT_OF_MEMORY,
        (
            r"(?i:\bout of memory\b)|Cannot allocate memory|oom-kill|OutOfMemoryError|^MemoryError",
            r"virtual memory exhausted|std::bad_alloc|memory allocation of [0-9]+ bytes failed",
            r"\bmemory exhausted|Java heap space|GC overhead limit exceeded|\bENOMEM\b",
            r"ld terminated with s",
            r"(?i:exceeded (?:its )?memory limit)|runtime: cannot allocate memory",
            r"fatal: mmap failed",
            r"^Killed$|: Killed$|signal: killed|Killed signal|Killed process|SIGKILL: kill",
            r"(?:clang|g\+\+|gcc|c\+\+|cc1plus|ld|rustc)\S*: (?:fatal )?error:.*\bsignal 9",
        ),
        "The build ran out of memory",
        "It needs more memory than its runner has, or fewer jobs at a time.",
        14,
    ),
    Rule(
        CauseClass.OUT_OF_MEMORY,
        (r"exit (?:code|status):? 137\b",),
        "The build was killed, most likely for want of memory",
        "",
        7,
        confidence=0.6,
    ),
    Rule(
        CauseClass.TIMED_OUT,
        (
            r"has exceeded the maximum execution",
            r"exceeded the maximum execution time|timed out after [0-9]+ ?(?:m|h|hours?|min\S*)\b",
            r"(?i:build (?:timed out|timeout|exceeded))|stopped after (?:a )?time-?out",
        ),
        "The build ran out of time",
        "It takes longer than it may on this runner, or it hangs.",
        13,
    ),
    Rule(
        CauseClass.TIMED_OUT,
        (r"^The operation was canceled\.?$|context deadline exceeded",),
        "The build was stopped before its end",
        "",
        6,
        confidence=0.5,
    ),
    Rule(
        CauseClass.INFRASTRUCTURE,
        (
            r"The (?:self-hosted )?runner (?:has received a shutdown|lost communication)",
            r"lost communication with the server|hosted runner encountered an error",
            r"received a shutdown signal|The runner process has exited|spot interruption",
            r"Cannot connect to the Docker daemon|Error response from daemon|failed to create shim",
            r"toomanyrequests: |pull rate limit|Unable to find image .* locally$",
            r"Failed to download action|Unable to (?:resolve|download) action",
            r"Input/output error|Stale file handle|Read-only file system|Bus error",
            r"qemu: uncaught target signal|qemu-\w+: .*(?:fatal|failed)",
            r"(?:BAD|UNTRUSTED) signature|failed to (?:refresh|fetch) .*APKINDEX",
            r"OCI runtime (?:create|exec) failed|bwrap: .*(?:Operation not permitted|No space)",
            r"No runner matching|Waiting for a runner to pick up this job.*timed",
        ),
        "The machine that ran the build broke down",
        _AGAIN,
        13,
    ),
    Rule(
        CauseClass.NETWORK,
        (r"Could not transfer artifact .*(?i:timed out|reset|refused|unknown host|50[0-9])",),
        "A repository of Maven could not be reached",
        _AGAIN,
        14,
    ),
    Rule(
        CauseClass.NETWORK,
        (
            r"(?i:could not resolve (?:host|proxy))|failure in name resolution|bad address '",
            (
                r"TLS handshake timeout|net/http: request canceled|dial tcp.*(?:timeout|refused|"
                r"no such host|unreachable|reset)"
            ),
            r"curl: \((?:5|6|7|16|18|28|35|52|55|56|92)\)",
            (
                r"(?:server returned error: HTTP/\S+|HTTP [Ee]rror|status(?: code)?|returned error|"
                r"^ERROR|Error:?):? ?(?:429|500|502|503|504)\b"
            ),
            r"(?:429 Too Many Requests|502 Bad Gateway|503 Service|504 Gateway)",
            r"\b(?:ECONNRESET|ETIMEDOUT|EAI_AGAIN|ECONNREFUSED|ENOTFOUND)\b",
            r"Connection (?:reset by peer|timed out|refused)|onnection closed (?:prematurely|by)",
            r"(?i:\bi/o timeout\b)|Network is unreachable|No route to host",
            r"early EOF|RPC failed; |the remote end hung up unexpectedly|fetch-pack: ",
            r"spurious network error|Read timed out\.|ReadTimeoutError|ConnectTimeoutError",
            r"SSL certificate problem|certificate has expired|getaddrinfo",
            r"Name or service not known",
            r"socket hang up|ESOCKETTIMEDOUT|error sending request for url|server sent GOAWAY",
            r"stream error: stream ID|peer closed connection",
            r"Failed to connect to \S+ port|proxyconnect",
            r"(?i:connect(?:ion)? time-?out|timeout was reached)|HTTP status server error",
            r"IncompleteRead|Remote end closed connection|unexpected EOF|SSL_ERROR_SYSCALL",
            r"temporary error \(try again later\)|unable to access 'https?://",
            r"download interrupted|network error|Unable to establish SSL",
        ),
        "The network failed",
        _AGAIN,
        12,
        confidence=0.85,
    ),
)
