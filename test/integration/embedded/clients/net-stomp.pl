#! /usr/bin/perl
# The synopsis and the methods of Net::Stomp's documentation, against the broker at 127.0.0.1: a line of output for each thing that came back.
use strict;
use warnings;
use Net::Stomp;

my ($port) = @ARGV;
my $queue = '/queue/perl';
$| = 1;

sub client {
    my $stomp = Net::Stomp->new( { hostname => '127.0.0.1', port => $port, timeout => 20, reconnect_attempts => 1 } );
    my $connected = $stomp->connect( { login => 'hello', passcode => 'there', @_ } );
    print 'connected ', $connected->command, ' ', ( $connected->headers->{version} // 'without version' ), "\n";
    return $stomp;
}

sub receive {
    my ($stomp) = @_;
    my $frame = $stomp->receive_frame or die 'nothing came within 20 s';
    return $frame;
}

# Send messages: plain, with a receipt, in a transaction, and refused.
my $producer = client();
$producer->send( { destination => $queue, body => 'test message', persistent => 'true' } );
$producer->send_with_receipt( { destination => $queue, body => 'with receipt', persistent => 'true', n => 2 } )
    or die "Couldn't send the message!";
$producer->send_transactional( { destination => $queue, body => 'transactional', persistent => 'true' } )
    or die "Couldn't send the message!";
$producer->send( { destination => $queue, body => "zero \0 byte", 'content-length' => 11, persistent => 'true' } );
my $refused;
$producer->send_with_receipt( { destination => $queue, body => 'x', transaction => 'nobody-began-it' }, $refused )
    and die 'A SEND in an unknown transaction was taken';
print 'refused ', $refused->command, ' ', $refused->headers->{message}, "\n";
$producer->disconnect;

# Subscribe to messages from the queue, one at a time.
my $consumer = client();
$consumer->subscribe( { destination => $queue, 'ack' => 'client', 'activemq.prefetchSize' => 1 } );
for ( 1 .. 4 ) {
    my $frame = receive($consumer);
    my $body = $frame->body =~ s/\0/<0>/r;
    print 'message ', $frame->command, ': ', $body, "\n";
    $consumer->ack( { frame => $frame } );
}
print 'empty ', ( $consumer->can_read( { timeout => 0.2 } ) ? 'no' : 'yes' ), "\n";
$consumer->unsubscribe( { destination => $queue } );
$consumer->disconnect;

# STOMP 1.1: acknowledge one by one, reject one, select.
my $modern = client( 'accept-version' => '1.1', host => 'localhost' );
$modern->subscribe( { id => 's1', destination => $queue, ack => 'client-individual', selector => "kind = 'wanted'" } );
$modern->send( { destination => $queue, body => 'unwanted', kind => 'other', persistent => 'true' } );
$modern->send( { destination => $queue, body => 'poison', kind => 'wanted', persistent => 'true' } );
$modern->send( { destination => $queue, body => 'good', kind => 'wanted', persistent => 'true' } );
my ( $poison, $good ) = ( receive($modern), receive($modern) );
$modern->ack( { frame => $good, subscription => 's1' } );
$modern->nack( { frame => $poison, subscription => 's1', receipt => 'nacked' } );
print 'settled ', join( ' ', $good->body, $poison->body ), ' ', receive($modern)->headers->{'receipt-id'}, "\n";
$modern->subscribe( { id => 's2', destination => '/queue/ActiveMQ.DLQ', ack => 'auto', selector => "kind = 'wanted'" } );
my $dead = receive($modern);
print 'dead letter ', $dead->body, ' ', $dead->headers->{'original-destination'}, "\n";
$modern->disconnect;
