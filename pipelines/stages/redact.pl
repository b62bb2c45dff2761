# Copies standard input to standard output without the secrets of a netrc file.
# usage: perl redact.pl FILE
# Secret are the whole lines of the file and the words behind `password` and `account`, also in the
# forms that XML gives them. Source: the netrc format of ftp(1) and curl(1).
use strict;
use warnings;

open my $file, '<', $ARGV[0] or die "open $ARGV[0]: $!";
local $/;
my $text = <$file>;
close $file;

my %secrets;
for my $line (split /\R/, $text) {
    $line =~ s/^\s+|\s+$//g;
    $secrets{$line} = 1 if length $line >= 4 and $line !~ /^(?:default|machine|login|macdef)$/;
}
$secrets{$1} = 1 while $text =~ /\b(?:password|account)\s+(\S+)/g;

# XML has several spellings of the same character.
my %spellings = (
    '&' => '(?:&amp;|&#38;|&#x26;|&)',
    '<' => '(?:&lt;|&#60;|&#x3[cC];|<)',
    '>' => '(?:&gt;|&#62;|&#x3[eE];|>)',
    '"' => '(?:&quot;|&#34;|&#x22;|")',
    "'" => "(?:&apos;|&#39;|&#x27;|')",
);
sub pattern_of {
    my ($secret) = @_;
    return join '', map { $spellings{$_} // quotemeta } split //, $secret;
}
# Longest first, so that a secret inside another one leaves no rest behind.
my $pattern = join '|', map { pattern_of($_) } sort { length $b <=> length $a } keys %secrets;

$/ = "\n";
$| = 1;
while (my $line = <STDIN>) {
    $line =~ s/$pattern/***/g if length $pattern;
    print $line;
}
