import 'etude-lstm/thread';
