# Copies standard input to standard output, but not more than a number of bytes: the whole text is
# in a file, and what goes through the engine's progress stream costs memory on its way. Lines that
# count steps always pass, shortened.
# usage: perl limit.pl BYTES
use strict;
use warnings;

my $left = $ARGV[0];
my $rest = '';
$| = 1;
while (sysread STDIN, my $chunk, 65536) {
    my @lines = split /(?<=\n)/, $rest . $chunk;
    $rest = @lines && $lines[-1] !~ /\n\z/ ? pop @lines : '';
    show($_) for @lines;
    if (length $rest > 65536) {    # a line without an end
        show($rest);
        $rest = '';
    }
}
show($rest);

sub show {
    my ($line) = @_;
    if ($line =~ m{^(?:\[\d+/\d+\] |\s*\d+/\d+ Test\s)}) {
        print substr($line, 0, 300), length $line > 300 ? "\n" : '';
    }
    elsif ($left > 0) {
        print substr $line, 0, $left;
        $left -= length $line;
        print "\n[… the rest is in the log file …]\n" if $left <= 0;
    }
}
